import { describe, expect, it } from 'vitest';
import { parseReference } from '../src/reference.ts';

const DIGEST = `sha256:${'0'.repeat(64)}`;

describe('names follow the rules of Docker', () => {
  it.each([
    ['nginx', 'docker.io/library/nginx:latest'],
    ['nginx:1.27', 'docker.io/library/nginx:1.27'],
    ['bitnami/redis', 'docker.io/bitnami/redis:latest'],
    ['docker.io/nginx', 'docker.io/library/nginx:latest'],
    ['index.docker.io/library/nginx', 'docker.io/library/nginx:latest'],
    ['ghcr.io/a/b/c:v1', 'ghcr.io/a/b/c:v1'],
    ['localhost/web', 'localhost/web:latest'],
    ['127.0.0.1:5000/web:1', '127.0.0.1:5000/web:1'],
    ['[::1]:5000/web', '[::1]:5000/web:latest'],
    [`nginx@${DIGEST}`, `docker.io/library/nginx@${DIGEST}`],
    [`nginx:1.27@${DIGEST}`, `docker.io/library/nginx:1.27@${DIGEST}`],
    ['registry:5000', 'docker.io/library/registry:5000'],
  ])('%s is %s', (text, name) => expect(parseReference(text).name).toBe(name));
});

it.each([
  ['oci:./images/web', { kind: 'oci', path: './images/web' }],
  ['oci:./images/web:1.0', { kind: 'oci', path: './images/web', ref: '1.0' }],
  ['docker-archive:../web.tar:web:1', { kind: 'docker-archive', path: '../web.tar', ref: 'web:1' }],
])('%s is a local image', (text, expected) => expect(parseReference(text)).toMatchObject(expected));

it.each([
  ['', 'image "": "" in its name, expected lower-case letters'],
  ['Nginx', '"Nginx" in its name'],
  ['nginx:', 'tag "", expected'],
  ['nginx:a b', 'tag "a b"'],
  ['nginx@sha256:00', 'digest "sha256:00", expected sha256: and 64'],
  [`nginx@sha512:${'0'.repeat(128)}`, 'expected sha256:'],
  ['a//b', '"" in its name'],
  ['../b', 'host ".." is none'],
  ['user@host/b', 'digest "host/b"'],
  ['http://host/b', 'host "http:" is none'],
])('%j is refused', (text, message) => expect(() => parseReference(text)).toThrow(message));
