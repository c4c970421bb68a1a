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
