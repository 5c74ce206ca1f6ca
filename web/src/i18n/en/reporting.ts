export const reporting = {
  keys: { title: 'Report', next: 'Next field', save: 'Save', sign: 'Sign', leave: 'Leave the text' },
} as const;
