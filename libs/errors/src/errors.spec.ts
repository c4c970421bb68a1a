import { AppError } from './app-error';
import { catalogue, statusOfKind } from './catalogue';
import { toProblem } from './problem';

describe('errors', () => {
  it('turn into problem documents without what lay behind them', () => {
    const error = new AppError('unknown_users', {
      issues: [{ path: 'participant_ids.0', message: 'carol does not exist' }],
      cause: new Error('secret'),
    });
    const problem = toProblem(error, 'r-1');
    expect(problem).toEqual({
      type: 'urn:parley:error:unknown_users',
      title: 'Unknown users',
      status: 422,
      detail: 'Some users do not exist',
      code: 'unknown_users',
      retryable: false,
      request_id: 'r-1',
      errors: [{ path: 'participant_ids.0', message: 'carol does not exist' }],
    });
    expect(JSON.stringify(problem)).not.toContain('secret');
  });

  it('name the field that their code stands for, where nothing better is known', () => {
    const tooLong = new AppError('content_too_long', { detail: 'The message is longer than 10 characters' });
    expect(toProblem(tooLong, 'r-1').errors).toEqual([{ path: 'content', message: tooLong.message }]);
    const issues = [{ path: 'attachment_ids.1', message: 'is not yours' }];
    expect(toProblem(new AppError('attachment_not_found', { issues }), 'r-1').errors).toEqual(issues);
  });

  it('may have members of their own in the document, which never replace its others', () => {
    const problem = toProblem(new AppError('rate_limited', { extension: { retry_after: 30, status: 200 } }), 'r-1');
    expect(problem).toMatchObject({ retry_after: 30, status: 429, code: 'rate_limited' });
  });

  it('keep what was thrown as the cause of an internal error', () => {
    const thrown = new TypeError('x is undefined');
    expect(AppError.from(thrown)).toMatchObject({ code: 'internal_error', status: 500, cause: thrown });
    const known = new AppError('not_a_participant');
    expect(AppError.from(known)).toBe(known);
  });

  it.each(Object.entries(catalogue))(
    '%s may be repeated only where a dependency was down',
    (_, { kind, retryable }) => {
      expect(retryable).toBe([429, 503].includes(statusOfKind[kind]));
    },
  );
});
