import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { messageOf, messageOfCode } from './errors';
import { ApiError, problemFrom } from './request';

describe('an error', () => {
  it('has words of its own for every code of the schema', () => {
    const sdl = readFileSync('../api/schema.graphql', 'utf8');
    const codes = /enum ErrorCode \{([^}]*)\}/.exec(sdl)?.[1]?.replaceAll(/"""[\s\S]*?"""|"[^"\n]*"|#.*/g, '').match(/[A-Z_]+/g) ?? [];
    expect(codes.length).toBeGreaterThan(30);
    const sentences = codes.map(messageOfCode);
    expect(new Set(sentences).size).toBe(codes.length);
    expect(sentences).not.toContain(messageOfCode('UNEXPECTED_ANSWER'));
  });

  it('of a newer program still says something', () => {
    expect(messageOfCode('FLUX_CAPACITOR_EMPTY')).toBe(messageOfCode('UNEXPECTED_ANSWER'));
    expect(messageOf(new TypeError('x'))).toBe(messageOfCode('UNEXPECTED_ANSWER'));
  });

  it('is read from a problem document, with its extras', () => {
    const error = problemFrom(422, { code: 'INVALID_INPUT', detail: 'name is empty', fields: { name: 'empty' } }, null);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ code: 'INVALID_INPUT', status: 422, message: 'name is empty', fields: ['name'] });
  });

  it('is told by the status where a proxy answered instead of the program', () => {
    expect(problemFrom(502, null, null).code).toBe('OFFLINE');
    expect(problemFrom(413, null, null).code).toBe('PAYLOAD_TOO_LARGE');
    expect(problemFrom(429, null, '7')).toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 7 });
  });
});
