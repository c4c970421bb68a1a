import { isLoopback } from './standalone.exposure';

it.each(['127.0.0.1', '127.8.0.1', '::1', '::ffff:127.0.0.1'])('only this machine reaches %s', (address) => {
  expect(isLoopback(address)).toBe(true);
});

it.each(['0.0.0.0', '::', '192.168.1.27', '10.127.0.1', '::ffff:10.0.0.1', '2001:db8::1'])(
  'other machines reach %s',
  (address) => {
    expect(isLoopback(address)).toBe(false);
  },
);
