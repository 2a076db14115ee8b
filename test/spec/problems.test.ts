import { describe, expect, test } from '@jest/globals';
import { validateFiles } from '../../src/planning/workspace.ts';
import { formatProblem } from '../../src/spec/problem.ts';
import { experiment, faults, filesOf, hypothesis, problemsOf } from './workspace-fixture.ts';

const changed = (from: string, to: string): { experiment: string } => {
  expect(experiment).toContain(from);
  return { experiment: experiment.replace(from, to) };
};
const changedHypothesis = (from: string, to: string): { hypothesis: string } => {
  expect(hypothesis).toContain(from);
  return { hypothesis: hypothesis.replace(from, to) };
};

describe('what is wrong in a file is told with its place and with what is allowed', () => {
  test('files with nothing wrong have no problems', async () => {
    expect(await problemsOf({})).toEqual([]);
  });

  test('YAML that does not parse', async () => {
    expect(await problemsOf(changed('{ name: slow }', '{ name: slow, name: slow }'))).toEqual([
      'experiments/slow.yaml:3:25: not valid YAML: Map keys must be unique',
    ]);
  });

  test('bytes that are not UTF-8, instead of guessing the characters', async () => {
    const text = new TextDecoder().decode(Uint8Array.from([...new TextEncoder().encode(experiment), 0x23, 0x63, 0xe9]));
    const line = experiment.split('\n').length;
    expect(await problemsOf({ experiment: text })).toEqual([
      `experiments/slow.yaml:${line}:3: holds bytes that are not UTF-8. Save the file as UTF-8`,
    ]);
  });

  test('a second document in one file', async () => {
    expect(await problemsOf({ experiment: `${experiment}---\n${experiment}` })).toEqual([
      expect.stringContaining('begins a second document. Write each in a file of its own'),
    ]);
  });

  test('an unknown kind', async () => {
    expect(await problemsOf(changed('kind: Experiment', 'kind: Experimnt'))).toEqual([
      'experiments/slow.yaml:2:7: kind: "Experimnt" is not known. Did you mean "Experiment"? Write one of Experiment, Hypothesis, Environment, GameDay, SLO',
    ]);
  });

  test('an unknown key, pointed at where it stands', async () => {
    expect(await problemsOf(changed('hold: 40s', 'hold: 40s\n  graze: 1s'))).toEqual([
      'experiments/slow.yaml:7:3: spec.graze: unknown key "graze". Did you mean "grace"? Allowed: scope, hypotheses, hold, lease, baseline, recovery, grace, stageHold, faults, order, abort, expectedAlerts',
    ]);
  });

  test.each(['<= 100%', '>= 0%', '< 0%', '> 100%'])('a ratio that every value satisfies, or none: %s', async (must) => {
    const { experiment: text } = changed('must: < 50%', `must: '${must}'`);
    expect(await problemsOf({ experiment: text })).toEqual([
      expect.stringContaining('must: a ratio is from 0% to 100%: this is always so, or never'),
    ]);
  });

  test('a duration in a wrong unit', async () => {
    expect(await problemsOf(changed('40s', '40sec'))).toEqual([
      'experiments/slow.yaml:6:9: spec.hold: "40sec" is not a duration. Write a number with ms, s, m, h or d, such as 200ms or 1h30m',
    ]);
  });

  test('a duration without a unit', async () => {
    expect(await problemsOf(changed('40s', '40'))).toEqual([
      'experiments/slow.yaml:6:9: spec.hold: 40 is not allowed. Write a text (a duration, such as 200ms or 1h30m)',
    ]);
  });

  test('a percentage over 100', async () => {
    expect(await problemsOf(changed('< 50%', '< 101%'))).toEqual([
      'experiments/slow.yaml:15:15: spec.abort[0].probe.must: "101%" is not a percentage. Write a number from 0% to 100%, such as 5% or 0.1%',
    ]);
  });

  test('a quote that is not closed in a threshold', async () => {
    expect(await problemsOf(changed('< 50%', '"< 50%\'"'))).toEqual([
      'experiments/slow.yaml:15:15: spec.abort[0].probe.must: "< 50%\'" has an unbalanced \'. Write a comparator and a quantity, such as < 1%',
    ]);
  });

  test('a comparator that does not exist', async () => {
    expect(await problemsOf(changed('< 50%', "'=< 50%'"))).toEqual([
      'experiments/slow.yaml:15:15: spec.abort[0].probe.must: "=< 50%" has no known comparator: =<. Begin with one of < <= > >= == !=, such as < 1%',
    ]);
  });

  test('a ratio that is compared with something else than a percentage', async () => {
    expect(await problemsOf(changed('< 50%', '< 500ms'))).toEqual([
      'experiments/slow.yaml:15:15: spec.abort[0].probe.must: a ratio is compared with a percentage, such as < 1%',
    ]);
  });

  test('a timeout that is not less than the interval', async () => {
    expect(await problemsOf(changed('must: < 50%', 'must: < 50%\n        interval: 1s\n        timeout: 2s'))).toEqual([
      'experiments/slow.yaml:17:18: spec.abort[0].probe.timeout: the timeout (2s) must be less than the interval (1s), so that samples never queue',
    ]);
  });

  test('PromQL that does not parse, pointed at where it breaks', async () => {
    expect(await problemsOf(changed('rate(bad[5s])', 'rate(bad[5x])'))).toEqual([
      'experiments/slow.yaml:14:34: spec.abort[0].probe.ratio.bad: not valid PromQL at character 11, near "x])". Write an expression that Prometheus can evaluate',
    ]);
  });

  test('a hypothesis that does not exist', async () => {
    expect(await problemsOf(changed('[payments-survive]', '[payments-survives]'))).toEqual([
      'experiments/slow.yaml:5:16: spec.hypotheses[0]: hypothesis "payments-survives" does not exist. Did you mean "payments-survive"? Known: payments-survive',
    ]);
  });

  test('no hypothesis at all', async () => {
    expect(await problemsOf(changed('  hypotheses: [payments-survive]\n', ''))).toEqual([
      'experiments/slow.yaml:5:3: spec.hypotheses: is missing. Add a list (names of hypotheses, at least one)',
    ]);
  });

  test('no abort probe', async () => {
    expect(await problemsOf({ experiment: experiment.slice(0, experiment.indexOf('  abort:')) })).toEqual([
      'experiments/slow.yaml:5:3: spec.abort: is missing. Add a list (at least one abort probe: without one nothing can stop the run when users suffer)',
    ]);
  });

  test('an empty list of abort probes', async () => {
    expect(await problemsOf({ experiment: `${experiment.slice(0, experiment.indexOf('  abort:'))}  abort: []\n` })).toEqual([
      'experiments/slow.yaml:11:10: spec.abort: must have at least 1. Write a list (at least one abort probe: without one nothing can stop the run when users suffer)',
    ]);
  });

  test('a hypothesis that no user would notice', async () => {
    expect(await problemsOf(changedHypothesis("http: { url: 'http://127.0.0.1:8080/health' }", 'query: up'))).toEqual([
      'hypotheses/survive.yaml:7:5: spec.checks: no check is seen from the user’s side. Add one with http, or with a metric that clients count and userJourney: true',
    ]);
  });

  test('a check that must happen in time, and says no time', async () => {
    expect(await problemsOf(changedHypothesis('kind: hold', 'kind: recoverWithin'))).toEqual([
      'hypotheses/survive.yaml:7:7: spec.checks[0].within: is missing. A recoverWithin check needs a duration, such as 30s',
    ]);
  });

  test('a fault that does not exist', async () => {
    expect(await problemsOf(changed('fault: network-latency', 'fault: network-latncy'))).toEqual([
      'experiments/slow.yaml:8:14: spec.faults[0].fault: fault "network-latncy" does not exist. Did you mean "network-latency"? Known: network-latency, process-kill, node-stop, config-drift, pod-kill, cpu-stress, scale',
    ]);
  });

  test('a parameter that the fault does not take', async () => {
    expect(await problemsOf(changed('delay: 800ms', 'delay: 800ms, dely: 1s'))).toEqual([
      'experiments/slow.yaml:10:31: spec.faults[0].params.dely: unknown key "dely". Did you mean "delay"? Allowed: delay',
    ]);
  });

  test('a target of a kind that the fault does not act on', async () => {
    expect(await problemsOf(changed('fault: network-latency', 'fault: process-kill'))).toEqual([
      'experiments/slow.yaml:9:15: spec.faults[0].target: process-kill does not act on a link. It acts on: a process (service, with count or percent)',
      'experiments/slow.yaml:10:17: spec.faults[0].params.delay: unknown key "delay". Allowed: ',
    ]);
  });

  test('all problems of all files come at once, in the order of the files', async () => {
    const problems = await problemsOf({
      experiment: experiment.replace('40s', '40').replace('800ms', '800').replace('[payments-survive]', '[gone]'),
      hypothesis: hypothesis.replace('== 0', '= 0'),
    });
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual([
      'experiments/slow.yaml:5:16:',
      'experiments/slow.yaml:6:9:',
      'experiments/slow.yaml:10:24:',
      'hypotheses/survive.yaml:10:13:',
    ]);
  });

  test('two files of one name', async () => {
    const files = filesOf({ 'hypotheses/a.yaml': hypothesis, 'hypotheses/b.yaml': hypothesis });
    const { problems } = await validateFiles(['hypotheses/b.yaml'], { files, faults });
    expect(problems.map(formatProblem)).toEqual([
      'hypotheses/b.yaml:3:19: metadata.name: Hypothesis "payments-survive" is also in hypotheses/a.yaml. Give each its own name',
    ]);
  });
});
