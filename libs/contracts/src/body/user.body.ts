import { z } from 'zod';
import { UserId } from '../ids';
import { PictureUrl, text } from '../text';

/** A name by which `@` mentions its user: no blanks, no `@`. */
export const Username = text(1, 64).refine((name) => /^[^\s@]*$/u.test(name) && name.toLowerCase() !== 'all', {
  message: 'must have no blanks and no @, and must not be "all"',
});

const notBlank = (max: number) => text(1, max).refine((value) => value.trim() !== '', { message: 'must not be blank' });

/** What a user changes of the own profile; null takes a value away that need not be there. What is absent stays. */
export const UpdateProfileBody = z
  .object({
    display_name: notBlank(100).nullish(),
    username: Username.nullish(),
    avatar_url: PictureUrl.nullish(),
    status_text: text(0, 200).nullish(),
  })
  .meta({ id: 'UpdateProfile', example: { display_name: 'Alice Liddell', status_text: 'In Wonderland' } });
export type UpdateProfileBody = z.infer<typeof UpdateProfileBody>;

/** What a product's own server says of a user. */
export const AdminProfileBody = UpdateProfileBody.extend({
  email: text(1, 320).nullish(),
  role: text(1, 64).nullish(),
}).meta({ id: 'AdminProfile', example: { display_name: 'Bob', email: 'bob@example.com' } });
export type AdminProfileBody = z.infer<typeof AdminProfileBody>;

export const UpsertUsersBody = z
  .object({
    users: z
      .array(AdminProfileBody.extend({ id: UserId }))
      .min(1)
      .max(100),
  })
  .meta({ id: 'UpsertUsers', example: { users: [{ id: 'bob', display_name: 'Bob' }] } });
export type UpsertUsersBody = z.infer<typeof UpsertUsersBody>;
