/** Steps of a waveform: what a player of a message has room for. */
const waveformSteps = 64;

/** How finely a recording is looked at, in seconds. */
const binSeconds = 0.02;
const maxBins = 6 * 3_600 * 50;

/** How loud a recording is over time, in whatever unit its format tells; gathered while its length is not known yet. */
export class LoudnessLine {
  private readonly bins: number[] = [];

  /** Notes a moment. What is told of the same 20 ms counts as its loudest. */
  add(atSeconds: number, loudness: number): void {
    const bin = Math.max(0, Math.floor(atSeconds / binSeconds));
    if (bin >= maxBins) return;
    while (this.bins.length < bin) this.bins.push(0);
    this.bins[bin] = Math.max(this.bins[bin] ?? 0, loudness);
  }

  /** The peaks in equal steps, 0 to 100 where 100 is the loudest moment; null where nothing was noted. */
  toWaveform(): number[] | null {
    if (this.bins.length === 0) return null;
    const steps = Math.min(waveformSteps, this.bins.length);
    const peaks = Array.from({ length: steps }, (_, step) => {
      const [from, to] = [step, step + 1].map((each) => Math.floor((each * this.bins.length) / steps));
      return this.bins.slice(from, to).reduce((peak, loudness) => Math.max(peak, loudness), 0);
    });
    const loudest = peaks.reduce((peak, loudness) => Math.max(peak, loudness), 0);
    if (!Number.isFinite(loudest) || loudest === 0) return peaks.map(() => 0);
    return peaks.map((peak) => Math.round((peak / loudest) * 100));
  }
}
