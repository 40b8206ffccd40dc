import { describe, expect, it } from '@jest/globals';
import { interpolate } from './interpolation.js';

const env = { HOST: 'srv1.example.com', EMPTY: '', TRICKY: '${HOST} $& $1' };

describe('interpolate', () => {
  it('fills in variables anywhere below, also inside longer texts, and leaves other values alone', () => {
    const data = {
      url: 'https://${HOST}:2087/x',
      list: ['${HOST}', 1, true, null],
      nested: { deep: '${HOST}${HOST}' },
    };
    expect(interpolate(data, env).data).toEqual({
      url: 'https://srv1.example.com:2087/x',
      list: ['srv1.example.com', 1, true, null],
      nested: { deep: 'srv1.example.comsrv1.example.com' },
    });
  });

  it('takes the default for an absent or empty variable', () => {
    const data = ['${ABSENT:-a}', '${EMPTY:-b}', '${HOST:-c}', '${ABSENT:-}', '${ABSENT:-http://[::1]:80/}'];
    expect(interpolate(data, env).data).toEqual(['a', 'b', 'srv1.example.com', '', 'http://[::1]:80/']);
  });

  it('names each missing variable with its path and the fix', () => {
    const { problems } = interpolate(
      { connections: { eu: { settings: { key: 'x${ABSENT}', list: ['${EMPTY}'] } } } },
      env,
    );
    expect(problems).toEqual([
      'connections.eu.settings.key: the environment variable ABSENT is not set: set it, or write ${ABSENT:-default}',
      'connections.eu.settings.list[0]: the environment variable EMPTY is not set: set it, or write ${EMPTY:-default}',
    ]);
  });

  it('does not interpret what a variable holds', () => {
    expect(interpolate('${TRICKY}', env).data).toBe('${HOST} $& $1');
  });

  it('keeps $${ as a literal and refuses what is no variable', () => {
    expect(interpolate('$${HOST} and $5', env)).toMatchObject({ data: '${HOST} and $5', problems: [] });
    expect(interpolate({ a: '${not a name}' }, env).problems).toHaveLength(1);
  });

  it('remembers which variables an entry came from', () => {
    expect(interpolate({ a: { b: '${HOST}-${ABSENT:-x}' } }, env).variables.get('a.b')).toEqual(['HOST', 'ABSENT']);
  });
});
