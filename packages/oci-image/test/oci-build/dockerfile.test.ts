import { describe, expect, it } from 'vitest';
import { imagesOf } from '../../src/oci-build/dockerfile.ts';

describe('the images that a Dockerfile names', () => {
  it('are those of FROM, of COPY --from and of RUN --mount, and no stages', () => {
    const text = [
      '# syntax=docker/dockerfile:1',
      'FROM --platform=$BUILDPLATFORM golang:1.23 AS build',
      'RUN --mount=type=bind,from=busybox:1,target=/b go build',
      'from BUILD as test',
      'FROM scratch',
      'COPY --from=build --chown=1 /x /',
      'COPY --from=0 /x /',
      'COPY --from=registry.example:5000/tools@sha256:00 /y \\',
      '  # a comment in between',
      '  /z',
    ].join('\n');
    expect(imagesOf(text, {})).toEqual(['golang:1.23', 'busybox:1', 'registry.example:5000/tools@sha256:00']);
  });

  it('have the values of arguments before the first FROM, given or default', () => {
    const text = 'ARG VERSION=20 REGISTRY\nARG BASE="node:${VERSION}"\nFROM ${REGISTRY:+$REGISTRY/}$BASE${VARIANT:-}\nARG VERSION=1\nFROM a:$VERSION';
    expect(imagesOf(text, {})).toEqual(['node:20', 'a:20']);
    expect(imagesOf(text, { VERSION: '22' })).toEqual(['node:22', 'a:22']);
  });

  it('are not looked for in a here-document', () => {
    expect(imagesOf('FROM a\nRUN <<END cat <<"OTHER"\nFROM b\nEND\nFROM c\nOTHER\nFROM d', {})).toEqual(['a', 'd']);
  });

  it.each([
    ['RUN --mount=type=secret,id=token cat', 'BUILD_SECRET_UNSUPPORTED'],
    ['RUN --mount=type=ssh git clone', 'BUILD_SECRET_UNSUPPORTED'],
    ['FROM $UNKNOWN', 'DOCKERFILE_INVALID'],
  ])('%s is refused', (line, code) => {
    expect(() => imagesOf(`FROM a\n${line}`, {})).toThrowError(expect.objectContaining({ code }));
  });

  it('a file without FROM is refused', () => {
    expect(() => imagesOf('RUN true', {})).toThrowError(/it has no FROM/);
  });
});
