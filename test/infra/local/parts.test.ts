import { describe, expect, it, vi } from 'vitest';
import { methodsOf } from '../../../infra/local/apis.ts';
import { allows } from '../../../infra/local/policy.ts';
import { router } from '../../../infra/local/routing.ts';
import { isDue, startSchedules } from '../../../infra/local/schedule.ts';
import { readTemplate } from '../../../infra/local/template.ts';
import { usageMeter, windowStart } from '../../../infra/local/usage-plans.ts';
import { echo, writeAssembly } from './fixture.ts';

describe('a template', () => {
  const resolved = (value: unknown) =>
    readTemplate(
      writeAssembly({
        functions: { Echo: { code: echo } },
        routes: [],
        others: { Table: { Type: 'AWS::DynamoDB::Table' }, Probe: { Type: 'Test', Properties: { value } } },
      }),
      { 'AWS::DynamoDB::Table': 'tab' },
    ).resources<{ value: unknown }>('Test')[0]?.properties.value;

  it.each<[unknown, unknown]>([
    [{ Ref: 'Table' }, 'tab'],
    [{ Ref: 'Echo' }, 'Echo'],
    [{ Ref: 'AWS::Partition' }, 'aws'],
    [{ 'Fn::GetAtt': ['Echo', 'Arn'] }, 'arn:aws:lambda:eu-central-1:000000000000:function:Echo'],
    [{ 'Fn::GetAtt': ['Table', 'Arn'] }, 'arn:aws:dynamodb:eu-central-1:000000000000:tab'],
    [{ 'Fn::Join': ['-', ['a', { Ref: 'Table' }]] }, 'a-tab'],
    [{ 'Fn::Select': [1, { 'Fn::Split': [':', 'a:b:c'] }] }, 'b'],
    [{ 'Fn::Sub': '$' + '{Table}/$' + '{Echo.Arn}' }, 'tab/arn:aws:lambda:eu-central-1:000000000000:function:Echo'],
    [{ 'Fn::Sub': ['$' + '{x}', { x: { Ref: 'Table' } }] }, 'tab'],
    [[{ Ref: 'AWS::NoValue' }, 1], [1]],
    [{ 'Fn::Equals': ['a', { Ref: 'Table' }] }, false],
  ])('resolves %j', (value, expected) => expect(resolved(value)).toEqual(expected));

  it('refuses what it does not know instead of guessing', () => {
    expect(() => resolved({ 'Fn::Cidr': [] })).toThrow('Fn::Cidr');
    expect(() => resolved({ Ref: 'Nothing' })).toThrow('Nothing');
  });
});

describe('APIs on one port', () => {
  const routed = (first: string, second: string, method = 'GET') => {
    const assembly = writeAssembly({
      functions: { Echo: { code: echo } },
      routes: [
        { api: 'One', path: first },
        { api: 'Two', path: second, method },
      ],
    });
    const route = router(methodsOf(readTemplate(assembly)));
    return (path: string, httpMethod = 'GET') => {
      const found = route(httpMethod, path);
      return 'method' in found ? [found.method.api.name, found.path, found.pathParameters] : [found.api.name];
    };
  };

  it.each([
    ['/a', '/a', '/a', {}],
    ['/a/{id}', '/a/{other}', '/a/1', { id: '1' }],
    ['/a/{id}', '/a/special', '/a/special', { id: 'special' }],
    ['/a/b/c', '/a/{proxy+}', '/a/b/c', {}],
  ])('both answering %s and %s: the first has the root, each has its base path', (first, second, path, parameters) => {
    const route = routed(first, second);
    const nullable = Object.keys(parameters).length > 0 ? parameters : null;
    expect(route(path)).toEqual(['one', path, nullable]);
    expect(route(`/apis/one${path}`)).toEqual(['one', path, nullable]);
    expect(route(`/apis/two${path}`).slice(0, 2)).toEqual(['two', path]);
  });

  it('answer by method, and only their own below their base paths', () => {
    const route = routed('/a', '/a', 'POST');
    expect(route('/a', 'POST')).toEqual(['two', '/a', null]);
    expect(route('/apis/one/a', 'POST')).toEqual(['one']);
    expect(route('/apis/three/a')).toEqual(['one']);
  });

  it('turn away in the words of the one that comes nearest', () => {
    const route = routed('/a/{id}', '/a/{id}/b', 'POST');
    expect(route('/a/1/b')).toEqual(['two']);
    expect(route('/a/1', 'POST')).toEqual(['one']);
    expect(route('/nowhere')).toEqual(['one']);
  });
});

describe('a policy', () => {
  const document = (...Statement: { Effect: string; Action?: string; Resource: string }[]) => ({
    Statement: Statement.map((one) => ({ Action: 'execute-api:Invoke', ...one })),
  });
  const judge = (policy: object) => allows(policy, 'execute-api:Invoke', 'arn:x/prod/GET/a.b/1');

  it.each<[string, object, boolean]>([
    ['nothing', {}, false],
    ['the whole stage', document({ Effect: 'Allow', Resource: 'arn:x/prod/*' }), true],
    ['one character each', document({ Effect: 'Allow', Resource: 'arn:x/prod/GET/a?b/?' }), true],
    ['a dot that is a dot', document({ Effect: 'Allow', Resource: 'arn:x/prod/GET/aXb/1' }), false],
    ['another action', document({ Effect: 'Allow', Action: 's3:*', Resource: '*' }), false],
    [
      'a deny among allows',
      document({ Effect: 'Allow', Resource: '*' }, { Effect: 'Deny', Resource: '*/a.b/*' }),
      false,
    ],
  ])('with %s', (_, policy, expected) => expect(judge(policy)).toBe(expected));
});

describe('a throttle', () => {
  it('lets a burst through, then as many as its rate, and never more than a burst', () => {
    let now = 0;
    const meter = usageMeter(() => now);
    const api = { id: 'a', throttle: { rate: 2, burst: 3 } } as Parameters<typeof meter.refusal>[0];
    const passed = () => Array.from({ length: 10 }, () => meter.refusal(api)).filter((one) => one === undefined).length;
    const passedIn = (milliseconds: number) => {
      now += milliseconds;
      return passed();
    };
    expect([0, 499, 1, 1_000, 60_000].map(passedIn)).toEqual([3, 0, 1, 2, 3]);
  });
});

describe('a quota', () => {
  it.each([
    ['DAY', '2026-11-21T00:00:00Z'],
    ['WEEK', '2026-11-15T00:00:00Z'],
    ['MONTH', '2026-11-01T00:00:00Z'],
  ] as const)('by the %s begins at %s', (period, start) => {
    expect(windowStart(period, Date.parse('2026-11-21T13:00:00Z'))).toBe(Date.parse(start));
  });

  it('begins again with its period, and throttled requests do not count', () => {
    let now = Date.parse('2026-11-21T23:59:59Z');
    const meter = usageMeter(() => now);
    const plan = {
      id: 'p',
      name: 'p',
      stages: [],
      throttle: { rate: 1, burst: 1 },
      quota: { limit: 2, period: 'DAY' as const },
    };
    const api = { id: 'a' } as Parameters<typeof meter.refusal>[0];
    const key = { id: 'k' } as Parameters<typeof meter.refusal>[1];
    const ask = () => meter.refusal(api, key, plan);
    const answers = [];
    // Two requests a second, the first second before midnight.
    for (let second = 0; second < 4; second++) {
      answers.push([ask(), ask()]);
      now += 1_000;
    }
    const [granted, refused] = [
      [undefined, 'THROTTLED'],
      ['QUOTA_EXCEEDED', 'THROTTLED'],
    ];
    expect(answers).toEqual([granted, granted, granted, refused]);
  });
});

describe('a schedule', () => {
  /** How often an expression runs its function within a number of minutes. */
  function runs(ScheduleExpression: string, minutes: number) {
    vi.useFakeTimers({ now: Date.parse('2026-11-20T16:00:30Z') });
    const Targets = [{ Arn: { 'Fn::GetAtt': ['Echo', 'Arn'] } }];
    const assembly = writeAssembly({
      functions: { Echo: { code: echo } },
      routes: [],
      others: { Rule: { Type: 'AWS::Events::Rule', Properties: { ScheduleExpression, Targets } } },
    });
    const invoke = vi.fn();
    try {
      const stop = startSchedules(readTemplate(assembly), new Map([['Echo', { invoke } as never]]));
      vi.advanceTimersByTime(minutes * 60_000);
      stop();
      vi.advanceTimersByTime(24 * 60 * 60_000);
    } finally {
      vi.useRealTimers();
    }
    return invoke.mock.calls;
  }

  it('invokes its function with the event of EventBridge', () => {
    expect(runs('rate(1 minute)', 1)).toMatchObject([[{ source: 'aws.events', 'detail-type': 'Scheduled Event' }]]);
  });

  it.each([
    ['rate(1 minute)', 3, 3],
    ['rate(5 minutes)', 11, 2],
    ['rate(2 hours)', 250, 2],
    ['rate(1 day)', 24 * 60, 1],
    ['cron(30 16 ? * MON-FRI *)', 40, 1],
    // From Friday afternoon to Monday noon.
    ['cron(30 16 ? * MON-FRI *)', 68 * 60, 1],
    ['cron(0/15 * * * ? *)', 60, 4],
  ])('%s, within %i minutes, %i times', (expression, minutes, expected) => {
    expect(runs(expression, minutes)).toHaveLength(expected);
  });

  it.each([
    ['30 16 ? * MON-FRI', '2026-11-21T16:30:00Z', false],
    ['30 16 ? * MON-FRI', '2026-11-23T16:30:59Z', true],
    ['0 0 1 1,7 ?', '2026-07-01T00:00:00Z', true],
    ['0 0 1 1,7 ?', '2026-08-01T00:00:00Z', false],
    ['10-20/5 * * * ?', '2026-07-01T00:15:00Z', true],
    ['10-20/5 * * * ?', '2026-07-01T00:25:00Z', false],
    ['0 0 ? * 1', '2026-11-22T00:00:00Z', true],
  ])('cron %s at %s: %s', (fields, time, expected) => expect(isDue(fields.split(' '), new Date(time))).toBe(expected));

  it('of another kind is refused', () => expect(() => runs('at(2026-11-21T00:00:00)', 1)).toThrow('at(2026'));
});
