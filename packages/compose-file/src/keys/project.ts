import { dictionaryOf, listOf, struct, textOrTexts, unread } from './collections.ts';
import { also, done, key, ruled, withoutEffect, type Key, type ModelOf } from './key.ts';
import { longInclude } from './long-forms.ts';
import { configs, models, networks, secrets, volumes } from './resources.ts';
import { service, type serviceKeys } from './service.ts';
import { text, TEXT } from './scalars.ts';

const include = also(
  struct(
    {
      path: key(textOrTexts({ unique: true }), 'Path of the file, or of several files that are merged.'),
      env_file: key(textOrTexts({ unique: true }), 'Files with variables; default: .env beside the file.'),
      project_directory: key(text(), 'Directory that paths in the file are relative to; default: that of the file.'),
    },
    { extensible: false },
  ),
  TEXT,
);

/** Keys of a Compose file. */
export const fileKeys = {
  version: key({ forms: [TEXT], type: unread }, 'Version of an old file format.', withoutEffect('There is one format.')),
  name: key(text(), 'Name of the project.', done),
  include: key({ ...listOf(ruled(include, { long: longInclude })), type: unread }, 'Further files whose services and resources are part of the project.', done),
  services: key(dictionaryOf(service, { names: '^[a-zA-Z0-9._-]+$' }), 'Services, by name.', done),
  models,
  networks,
  volumes,
  secrets,
  configs,
};

/** The table of all keys of the specification: their forms, types, rules, and what the OS does with them. */
export const table: Key<ModelOf<typeof fileKeys>> = struct(fileKeys);

export type Service = ModelOf<typeof serviceKeys>;
