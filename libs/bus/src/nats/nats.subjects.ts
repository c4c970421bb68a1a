import type { Rpc } from '@parley/contracts';

/** The service that answers, which is also its replicas' queue group. */
export function serviceOf({ subject }: Rpc): string {
  return subject.slice(0, subject.indexOf('.'));
}

/** Where one replica alone hears what is asked on `subject`. */
export function aimedAt(subject: string, replica: string): string {
  return `${subject}.${replica}`;
}
