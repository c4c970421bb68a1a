import { TestEnvironment } from 'jest-environment-node';

/** Node as usual; tells the tests of a file whether one of them has failed, which Jest keeps to itself. */
export default class FailureEnvironment extends TestEnvironment {
  handleTestEvent({ name }: { readonly name: string }): void {
    if (name === 'test_fn_failure' || name === 'hook_failure') this.global['hasFailed'] = true;
  }
}
