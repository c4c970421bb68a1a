// How Node runs Parley's processes (`npm start` in package.json says the same).
//
// Requests in flight outlive the small young generation that V8 starts with and would be copied, then promoted, though they
// die with their answers: a larger one costs up to 200 MB.
//
// A server's sockets have half a dozen shapes: clients before and after their upgrade, PostgreSQL, NATS, Redis, the log. Past
// four V8 looks each property up, in each write to each of them: up to a tenth of a fan-out's CPU.
export const serverFlags = ['--enable-source-maps', '--max-semi-space-size=64', '--max-valid-polymorphic-map-count=16'];
