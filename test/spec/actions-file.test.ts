import { describe, expect, test } from '@jest/globals';
import { parseActions } from '../../src/spec/actions-file.ts';

describe('the actions of a game day', () => {
  test('are read as they were drafted, and as people complete them', () => {
    const text = `actions:
  - { id: A1, scenario: slow, finding: It was slow., text: Make it fast, owner: null, due: 2026-12-05 }
  - { id: A2, owner: grace, due: 2026-12-06 }
`;
    expect(parseActions('actions.yaml', text)).toMatchObject([
      { id: 'A1', text: 'Make it fast', owner: null, due: '2026-12-05' },
      { id: 'A2', owner: 'grace', due: '2026-12-06' },
    ]);
  });

  test.each([
    ['that do not parse', 'actions: [', 'actions.yaml:1:11: not valid YAML'],
    [
      'with a key that is misspelt',
      'actions:\n  - { id: A1, ownr: grace }',
      'actions.yaml:2:15: actions[0].ownr: unknown key "ownr". Did you mean "owner"?',
    ],
    [
      'with a date that is none',
      'actions:\n  - { id: A1, due: soon }',
      'actions.yaml:2:20: actions[0].due: "soon" is not allowed. Write a text (a date, such as 2026-12-05)',
    ],
    [
      'with an action decided twice',
      'actions:\n  - { id: A1 }\n  - { id: A1 }',
      'actions.yaml:3:11: actions[1].id: A1 is there twice',
    ],
  ])('are refused with the place when they are a file %s', (_, text, message) => {
    expect(() => parseActions('actions.yaml', text)).toThrow(message);
  });
});
