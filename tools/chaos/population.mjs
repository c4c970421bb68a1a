// Who talks to whom.
import { Device, plainClient, signToken, socketIoClient } from './product.mjs';
import { RestCaller } from './rest-caller.mjs';

const directs = 25;
const groups = 8;
const groupSize = [5, 14];
const channels = 3;
const channelSize = 12;
/** Every so manieth user has a second device. */
const secondDeviceEvery = 5;
const signingInAtOnce = 8;

/** One user with devices, and what the tool knows of them. */
class User {
  constructor({ id, index, token, urls }) {
    this.id = id;
    this.index = index;
    this.token = token;
    this.rest = new RestCaller({ urls, token, first: index });
    const kinds = index % secondDeviceEvery === 0 ? [index, index + 1] : [index];
    this.devices = kinds.map(
      (kind, number) =>
        new Device({
          name: `${id}/${number + 1}`,
          userId: id,
          token,
          urls,
          first: index + number,
          connect: kind % 2 === 0 ? socketIoClient : plainClient,
          // A third of the devices asks with `sync` when it is connected.
          givesHeads: (index + number) % 3 !== 0,
        }),
    );
  }

  get device() {
    return this.devices[0];
  }
}

/** A conversation as far as the tool changes who is in it: one change at a time, so that the last one is known. */
class Circle {
  #turn = Promise.resolve();

  constructor({ id, creator, isOpen }) {
    this.id = id;
    this.creator = creator;
    /** Anybody may join and leave. */
    this.isOpen = isOpen;
  }

  inTurn(work) {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

export class Population {
  users;
  /** Groups and channels by id: those in which people come and go. */
  circles = new Map();

  /** @param name distinguishes the users of one round from those of another */
  static async create({ name, count, random, deployment }) {
    const population = new Population();
    const { urls, secret } = deployment;
    population.users = Array.from({ length: count }, (_, index) => {
      const id = `${name}-${String(index + 1).padStart(2, '0')}`;
      return new User({ id, index, token: signToken({ sub: id, name: id }, secret), urls });
    });
    await population.#signIn();
    await population.#makeConversations(random);
    return population;
  }

  async connect() {
    for (const { devices } of this.users) for (const device of devices) device.start();
    await Promise.all(this.users.flatMap(({ devices }) => devices.map((device) => device.connected())));
  }

  get devices() {
    return this.users.flatMap(({ devices }) => devices);
  }

  async #signIn() {
    const left = [...this.users];
    const work = async () => {
      for (let user = left.pop(); user; user = left.pop()) await user.rest.call('GET', '/api/users/me');
    };
    await Promise.all(Array.from({ length: signingInAtOnce }, work));
  }

  async #makeConversations(random) {
    await this.open(this.users, { type: 'group', title: 'Everybody' });
    for (let made = 0; made < directs; made++) {
      const [one, other] = random.shuffled(this.users);
      await one.rest.call('POST', '/api/conversations', { type: 'direct', participant_ids: [other.id] });
    }
    for (let made = 0; made < groups; made++) {
      const people = random.shuffled(this.users).slice(0, random.between(...groupSize));
      await this.open(people, { type: 'group', title: `Group ${made + 1}` });
    }
    for (let made = 0; made < channels; made++) {
      const people = random.shuffled(this.users).slice(0, channelSize);
      await this.open(people, { type: 'channel', title: `Channel ${made + 1}`, visibility: 'public' });
    }
  }

  async open([creator, ...others], body) {
    const participantIds = others.map(({ id }) => id);
    const { id } = await creator.rest.call('POST', '/api/conversations', { ...body, participant_ids: participantIds });
    this.circles.set(id, new Circle({ id, creator, isOpen: body.visibility === 'public' }));
  }
}
