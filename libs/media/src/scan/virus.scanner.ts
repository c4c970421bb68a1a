/** Looks for viruses in files. The Nest token of the implementation. */
export abstract class VirusScanner {
  /**
   * Resolves where the file is clean.
   *
   * @throws AppError `file_infected`; `service_unavailable` where nobody can tell.
   */
  abstract scan(file: string): Promise<void>;
}

/** Where no scanner is configured. */
export class NoVirusScanner extends VirusScanner {
  scan(): Promise<void> {
    return Promise.resolve();
  }
}
