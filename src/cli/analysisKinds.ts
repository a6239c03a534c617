/** As they are typed -> as requests call them. */
export const analysisKinds = {
  reflection: 'reflection',
  'outcome-reflection': 'outcomeReflection',
  entropy: 'entropy',
  memorisation: 'memorisation',
  length: 'length',
  advantage: 'advantage',
} as const
