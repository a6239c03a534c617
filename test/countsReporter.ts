/** Ends the output of `npm test` with one line of counts. */
import type { Reporter, TestModule } from 'vitest/node'

export default class CountsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const count = (state: string) => tests.filter((test) => test.result().state === state).length
    const brokenFiles = modules.filter((module) => module.errors().length > 0).length
    console.log(
      `${count('passed')} passed, ${count('failed') + brokenFiles + errors.length} failed, ${count('skipped')} skipped`,
    )
  }
}
