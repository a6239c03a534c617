/** The figures of a comparison, from what the engine measured. Titles are computed and say no more than intervals do. */
import { benchmarkFigures } from './compare/benchmarks.ts'
import { categoryFigures } from './compare/categories.ts'
import { comparedArms, referenceOf, type ComparedArm, type SeedEvaluation } from './compare/comparedArms.ts'
import { costFigures, styleFigures } from './compare/costAndStyle.ts'
import { differencesFigures } from './compare/differences.ts'
import { hiddenRiskFigure, matrixFigure, safetyFigure } from './compare/safety.ts'
import { seedFigures } from './compare/seeds.ts'
import type { Figure } from './figure.ts'
import type { StudyResult } from './result.ts'

/**
 * Every figure of a result. `evaluations` are what each arm and seed came to by itself, as a store keeps it: with them
 * seeds are drawn apart. A figure of which nothing was asked (no harmless prompts, say) is not there; one of which
 * nothing could be scored is, and says so.
 */
export function compareFigures(result: StudyResult, evaluations: readonly SeedEvaluation[] = []): Figure[] {
  return figuresOfArms(comparedArms(result, evaluations), referenceOf(result))
}

/** The same for arms of any results on the same prompts. `referenceName` is the arm that the others are compared with. */
export function figuresOfArms(arms: readonly ComparedArm[], referenceName: string | null): Figure[] {
  const reference = arms.find(({ name }) => name === referenceName) ?? null
  return [
    ...safetyFigure(arms, reference),
    ...differencesFigures(arms),
    ...categoryFigures(arms, reference),
    ...hiddenRiskFigure(arms, reference),
    ...arms.flatMap(matrixFigure),
    ...costFigures(arms, reference),
    ...benchmarkFigures(arms, reference),
    ...seedFigures(arms),
    ...styleFigures(arms, reference),
  ]
}
