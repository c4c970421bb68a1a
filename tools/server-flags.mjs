// How Node runs Parley's processes (`npm start` in package.json says the same).
//
// Requests in flight outlive the small young generation that V8 starts with and would be copied, then promoted, though they
// die with their answers: a larger one costs up to 200 MB and saves up to a tenth of the CPU.
export const serverFlags = ['--enable-source-maps', '--max-semi-space-size=64'];
