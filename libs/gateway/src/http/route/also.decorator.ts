import { RequestMapping, RequestMethod, SetMetadata } from '@nestjs/common';
import { PATH_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants';

const alsoKey = 'parley:also';

type Handler = (...args: unknown[]) => unknown;

/** The route answers to this method, too, in the same way. For controllers with `@RestController`. */
export const Also = (method: 'POST' | 'PUT' | 'PATCH'): MethodDecorator => SetMetadata(alsoKey, RequestMethod[method]);

/** Gives a controller the routes that its methods' `@Also` ask for: Nest knows one HTTP method for each method of a class. */
export function addAlternatives(controller: { readonly prototype: object }): void {
  const { prototype } = controller;
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const handler = Object.getOwnPropertyDescriptor(prototype, name)?.value as unknown;
    const method = typeof handler === 'function' ? (Reflect.getMetadata(alsoKey, handler) as unknown) : undefined;
    if (typeof method === 'number') addAlternative(controller, name, handler as Handler, method);
  }
}

function addAlternative(
  controller: { readonly prototype: object },
  name: string,
  handler: Handler,
  method: RequestMethod,
): void {
  const { prototype } = controller;
  const other = `${name}_${RequestMethod[method].toLowerCase()}`;
  const value = function (this: unknown, ...args: unknown[]): unknown {
    return handler.apply(this, args);
  };
  // The docs find a method's parameters by the name of its function.
  Object.defineProperty(value, 'name', { value: other });
  const descriptor = { value, writable: true, configurable: true };
  Object.defineProperty(prototype, other, descriptor);
  for (const key of Reflect.getMetadataKeys(handler) as unknown[]) {
    Reflect.defineMetadata(key, Reflect.getMetadata(key, handler), value);
  }
  for (const key of Reflect.getMetadataKeys(prototype, name) as unknown[]) {
    Reflect.defineMetadata(key, Reflect.getMetadata(key, prototype, name), prototype, other);
  }
  Reflect.defineMetadata(
    ROUTE_ARGS_METADATA,
    Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, name),
    controller,
    other,
  );
  const path = Reflect.getMetadata(PATH_METADATA, handler) as string;
  RequestMapping({ path, method })(prototype, other, descriptor);
}
