/** The command line: its commands and options, and how it ends. */
import { Argument, Command, CommanderError, Option } from 'commander'
import { Device, DeviceChoice } from '../shared/devices.ts'
import { ReflectoryError } from '../shared/errors.ts'
import { EVALUATED_TOKENS, EvaluationMode } from '../shared/evaluationStudy.ts'
import { LabelDraw } from '../shared/labels.ts'
import { Encoding, SourceRole } from '../shared/sources.ts'
import { Executor } from '../shared/study.ts'
import { Component } from '../shared/trajectory.ts'
import { analysisKinds } from './analysisKinds.ts'
import { columnOption, countNumber, decimalNumber, seedList, seedNumber, wholeNumber } from './optionValues.ts'

/** What a shell sees: 0 done, 1 failed, 2 bad input, 130 stopped by the person. */
function exitStatusOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (!(error instanceof ReflectoryError)) return 1
  if (error.code === 'cancelled') return 130
  return error.code === 'engine' ? 1 : 2
}

const storeOption = () =>
  new Option('--store <file>', 'the store with all records').default('.reflectory/reflectory.sqlite')
const executorOption = () =>
  new Option('--executor <name>', 'what computes: onnx (onnxruntime), or tfjs (TensorFlow.js)').choices(Executor.options)
const jsonOption = (what = 'object') => new Option('--json', `print one JSON ${what} on one line`)

/** A command's own file is loaded where it is called, so that none waits for what the others need. */
function createProgram(setStatus: (status: number) => void): Command {
  const program = new Command('reflectory')
    .description('Does this training make a reasoning model safer, in its thoughts as well as its answers?')
    .helpCommand(false)
    .showHelpAfterError('(reflectory --help lists the commands)')

  program
    .command('run')
    .description('run a study: train each arm, evaluate all on the same prompts, compare')
    .argument('<study>', 'study file in YAML or JSON')
    .addOption(storeOption())
    .option('--model <folder>', "model folder in Hugging Face format instead of the study's")
    .option('--safety <file>', 'take all harmful prompts from this file')
    .option('--benign <file>', 'take all benign prompts from this file')
    .option('--reasoning <file>', 'take all reasoning prompts from this file')
    .option('--sft <file>', 'take all training pairs from this file')
    .option('--seeds <list>', "seeds instead of the study's, as in 0,1,2", seedList)
    .addOption(
      new Option('--too-long <what>', 'for what does not fit the context').choices(['drop', 'truncate-thought']),
    )
    .option('--skip-bad', 'leave rows out that cannot be read, instead of refusing their file')
    .addOption(new Option('--device <device>', 'where to compute').choices(DeviceChoice.options))
    .addOption(executorOption())
    .option('--threads <count>', 'processor threads of the engine', wholeNumber)
    .option('--quick', 'fewer steps and prompts, for a first look; the figures mean little')
    .option('--resume', 'go on with the interrupted run of this study')
    .addOption(jsonOption())
    .action(async (file, options) => setStatus(await (await import('./run.ts')).runCommand(file, options)))

  program
    .command('eval')
    .description('evaluate models on data sets, side by side; what is recorded already is neither sampled nor judged again')
    .argument('<model>', 'folder of the model, or harbor for the built-in one')
    .requiredOption('--data <names...>', 'data sets of the list (reflectory data), files, or harbor')
    .option('--adapter <folder>', 'an adapter over the model')
    .option('--against <model>', 'another model, on the same prompts')
    .option('--against-adapter <folder>', 'an adapter over the other model; over the same one without --against')
    .addOption(new Option('--mode <mode>', 'whether it is asked to think').choices(EvaluationMode.options).default('thinking'))
    .option('--components <list>', 'what is judged: thought, response, both together', 't,y,t+y')
    .option('--samples <count>', 'of each prompt', wholeNumber, 1)
    .option(
      '--judges <list>',
      'harbor, refusal, lexicon, lexicon:FILE, guard:FOLDER, endpoint:URL#MODEL, ensemble:majority(harbor+lexicon); the first gives the figures',
    )
    .option('--threshold <share>', 'safe from this P(safe) on', decimalNumber, 0.5)
    .option('--temperature <value>', '0 takes the likeliest token each time', decimalNumber, 1)
    .option('--top-p <share>', 'of the likeliest tokens together', decimalNumber, 1)
    .option('--max-new-tokens <count>', 'of a completion', wholeNumber, EVALUATED_TOKENS)
    .option('--limit <count>', 'at most so many prompts of each set', wholeNumber)
    .option('--seeds <list>', 'as in 0,1,2; each samples anew', seedList, [0])
    .addOption(new Option('--too-long <what>', 'for prompts that do not fit the context').choices(['drop']))
    .option('--skip-bad', 'leave rows out that cannot be read, instead of refusing their file')
    .addOption(new Option('--device <device>', 'where to compute').choices(DeviceChoice.options))
    .addOption(executorOption())
    .option('--threads <count>', 'processor threads of the engine', wholeNumber)
    .addOption(storeOption())
    .addOption(jsonOption())
    .action(async (model, options) => setStatus(await (await import('./eval.ts')).evalCommand(model, options)))

  const data = program.command('data').description('files with prompts and training pairs: data add --help says more')
  data
    .command('add')
    .description('look into files (CSV, TSV, JSON, JSONL, Parquet), say how they are understood, and put them on the list')
    .argument('<files...>', 'as they were published; they stay where they are')
    .option('--name <name>', 'what the list calls it; the name of the file when absent')
    .addOption(new Option('--role <role>', 'what its rows are for, where the columns do not tell').choices(SourceRole.options))
    .option('--column <part=column>', 'which column plays a part, as in text=question; may be given again', columnOption)
    .addOption(new Option('--encoding <name>', 'of a text file; latin1 means Windows-1252').choices(Encoding.options))
    .option('--licence <text>', 'a note of the terms that it came with')
    .option('--skip-bad', 'leave rows out that cannot be used, instead of refusing their file')
    .option('--show-harmful', 'print the first rows also where they may be harmful')
    .option('--yes', 'ask nothing')
    .addOption(storeOption())
    .addOption(jsonOption())
    .action(async (files, options) => {
      const [{ addCommand }, { terminalAsk }] = await Promise.all([import('./data.ts'), import('./ask.ts')])
      await addCommand(files, options, terminalAsk())
    })
  data
    .command('list')
    .description('the data sets on the list')
    .addOption(storeOption())
    .addOption(jsonOption('array'))
    .action(async (options) => (await import('./data.ts')).listDataCommand(options))
  data
    .command('show')
    .description('one data set: columns, categories, rows that cannot be used')
    .argument('<name>', 'as in the list')
    .option('--rows <count>', 'read the file again and print so many of its first rows', wholeNumber)
    .option('--show-harmful', 'print rows also where they may be harmful')
    .addOption(storeOption())
    .addOption(jsonOption())
    .action(async (name, options) => (await import('./data.ts')).showDataCommand(name, options))
  data
    .command('remove')
    .description('take a data set off the list; its file stays')
    .argument('<name>', 'as in the list')
    .addOption(storeOption())
    .addOption(jsonOption())
    .action(async (name, options) => (await import('./data.ts')).removeDataCommand(name, options))
  data
    .command('check')
    .description('which prompts stand in two data sets, equal or nearly so')
    .argument('<names...>', 'as in the list; one alone is compared with itself')
    .option('--threshold <share>', 'from this share of common word sequences on, prompts are similar', Number)
    .option('--limit <count>', 'print at most so many pairs', wholeNumber)
    .option('--show-harmful', 'print texts also where they may be harmful')
    .addOption(storeOption())
    .addOption(jsonOption())
    .action(async (names, options) => (await import('./data.ts')).checkDataCommand(names, options))

  program
    .command('list')
    .description('the runs in the store, newest first')
    .addOption(storeOption())
    .option('--limit <count>', 'at most so many', wholeNumber, 50)
    .addOption(jsonOption('array'))
    .action(async (options) => (await import('./records.ts')).listCommand(options))

  program
    .command('show')
    .description('one run: where it stands, its figures in whole and by category')
    .argument('<run>', 'name of the run, as in the list')
    .addOption(storeOption())
    .addOption(jsonOption())
    .action(async (run, options) => (await import('./records.ts')).showCommand(run, options))

  program
    .command('judges')
    .description('the judges of a run: versions, how far they agree, and how they do against labels')
    .argument('<run>', 'name of the run, as in the list')
    .addOption(storeOption())
    .addOption(jsonOption())
    .action(async (run, options) => (await import('./judges.ts')).judgesCommand(run, options))

  program
    .command('label')
    .description('say yourself whether texts are safe, without seeing what a judge found')
    .argument('[run]', 'name of the run, as in the list; the newest one when absent')
    .addOption(new Option('--component <component>', 'what you read').choices(Component.options).default('response'))
    .option('--count <count>', 'so many texts', wholeNumber, 50)
    .option('--seed <seed>', 'another seed, other texts', seedNumber, 0)
    .addOption(
      new Option('--draw <how>', 'balanced between what the first judge found, or random')
        .choices(LabelDraw.options)
        .default('balanced'),
    )
    .option('--labeller <name>', 'who you are, where several people label', 'me')
    .addOption(storeOption())
    .action(async (run, options) => (await import('./label.ts')).labelCommand(run, options))

  program
    .command('trajectories')
    .description('what the models wrote, with the verdicts on it')
    .argument('<run>', 'name of the run, as in the list')
    .addOption(storeOption())
    .option('--arm <name>', 'only of this arm')
    .option('--category <category>', 'only on prompts of this category')
    .addOption(new Option('--phase <phase>', 'only of training or of evaluation').choices(['train', 'evaluation']))
    .addOption(new Option('--unsafe <component>', 'only where this part was judged unsafe').choices(Component.options))
    .option('--search <words>', 'only with all of these words')
    .option('--after <number>', 'go on after this trajectory', wholeNumber)
    .option('--limit <count>', 'at most so many', wholeNumber, 20)
    .addOption(jsonOption())
    .action(async (run, options) => (await import('./records.ts')).trajectoriesCommand(run, options))

  program
    .command('export')
    .description('write what an arm trained as a folder of its own, in the type of the base model')
    .argument('<run>', 'name of the run, as in the list')
    .requiredOption('--arm <name>', 'the arm')
    .requiredOption('--to <folder>', 'a new folder')
    .option('--seed <seed>', 'of this seed; the first when absent', seedNumber)
    .option('--adapter', 'the adapter alone, instead of merged into the weights')
    .addOption(storeOption())
    .addOption(jsonOption())
    .action(async (run, options) => (await import('./export.ts')).exportCommand(run, options))

  program
    .command('guard')
    .description('guard models of your own: guard train --help says more')
    .command('train')
    .description('train a small judge of safe and unsafe texts on the verdicts or labels of runs, and say how far it agrees')
    .requiredOption('--from <runs>', 'runs with verdicts or labels, commas between them')
    .requiredOption('--model <folder>', 'the model that it is built on: a folder, or harbor')
    .requiredOption('--to <folder>', 'a new folder')
    .option('--judge <name>', 'learn from the verdicts of this judge; the first of the run when absent')
    .option('--labels', "learn from people's labels")
    .option('--component <parts>', 'only from t, y or t+y, commas between them; all three when absent')
    .addOption(new Option('--head <head>', 'what judges: the last token, or every token').choices(['last', 'token']))
    .addOption(new Option('--train <what>', 'beside the head: nothing, an adapter, or all weights').choices(['frozen', 'adapter', 'all']))
    .option('--lora-rank <rank>', 'rank of the adapter', wholeNumber)
    .option('--epochs <count>', 'at most so many', wholeNumber)
    .option('--batch-size <count>', 'texts in one step', wholeNumber)
    .option('--learning-rate <rate>', 'by model and what is trained when absent', Number)
    .option('--seed <seed>', 'for draws and the adapter', seedNumber)
    .option('--held-out-categories <list>', 'keep these from training, or none; about a quarter when absent')
    .option('--limit <count>', 'at most so many texts', wholeNumber)
    .addOption(new Option('--device <device>', 'where to compute').choices(Device.options))
    .option('--threads <count>', 'processor threads of the engine', wholeNumber)
    .addOption(storeOption())
    .addOption(jsonOption())
    .action(async (options) => setStatus(await (await import('./guard.ts')).guardTrainCommand(options)))

  program
    .command('report')
    .description('write a run as a paper of one file that needs no script and no network')
    .argument('<run>', 'name of the run, or of the study: its newest finished run')
    .option('--to <file>', 'the HTML file; RUN-report.html when absent')
    .option('--pdf', 'a PDF beside it, by a Chromium on this machine')
    .option('--reveal', 'put a few harmful examples in, as the models wrote them')
    .option('--overwrite', 'replace files that are there already')
    .addOption(storeOption())
    .addOption(jsonOption())
    .action(async (run, options) => (await import('./report.ts')).reportCommand(run, options))

  program
    .command('analyze')
    .description('figures from recorded trajectories, and whether models have seen texts')
    .addArgument(new Argument('<kind>', 'what is looked at').choices(Object.keys(analysisKinds)))
    .argument('[run]', 'name of the run, as in the list')
    .addOption(storeOption())
    .option('--arm <names...>', 'only of these arms')
    .option('--seed <seed>', 'only of this seed', seedNumber)
    .addOption(new Option('--phase <phase>', 'what figures by arm, category and verdict look at').choices(['evaluation', 'train']))
    .addOption(new Option('--role <role>', 'only of these prompts').choices(['harmful', 'benign', 'reasoning']))
    .option('--category <category>', 'only of prompts of this category')
    .option('--words <list>', 'reflection cues: R1, CyclicReflex, or a file with one word or phrase a line')
    .option('--judge <name>', "outcome-reflection: one of the run's judges")
    .option('--forking-share <share>', 'entropy: the share of tokens that count as forking', decimalNumber)
    .option('--same-texts <count>', 'entropy: texts of each arm that both models read; 0 for none', countNumber)
    .addOption(new Option('--by <view>', 'print the figures by this only').choices(['step', 'arm', 'category', 'verdict']))
    .option('--model <folders...>', 'memorisation: models to ask, or harbor')
    .option('--adapter <folders...>', 'memorisation: adapters to ask; each names its base')
    .option('--train <file>', 'memorisation: what was trained on')
    .option('--held-out <file>', 'memorisation: texts of the same kind that were not')
    .option('--paraphrased <file>', 'memorisation: the training texts in other words')
    .option('--percent <k>', 'memorisation: k of the histograms; 60 when absent', wholeNumber)
    .option('--texts <count>', 'memorisation: at most so many of each set', wholeNumber)
    .option('--threads <count>', 'processor threads of the engine', wholeNumber)
    .option('--again', 'compute it although it is known')
    .option('--csv <file>', 'write all figures and tables there')
    .addOption(jsonOption())
    .action(async (kind, run, options) => (await import('./analyze.ts')).analyzeCommand(kind, run, options))

  program
    .command('bundle')
    .description('a run with all its records and what its arms trained, as one file for another machine')
    .argument('<run>', 'name of the run, as in the list, or of a study')
    .option('--to <file>', 'a new .zip file; RUN.zip here when absent')
    .option('--without-harmful', 'leave texts of harmful prompts, and texts that were judged unsafe, out')
    .addOption(storeOption())
    .addOption(jsonOption())
    .action(async (run, options) => (await import('./bundle.ts')).bundleCommand(run, options))

  program
    .command('import')
    .description('take the run of a bundle into the store, after checking it; overwrites nothing')
    .argument('<file>', 'the bundle')
    .addOption(storeOption())
    .addOption(jsonOption())
    .action(async (file, options) => (await import('./bundle.ts')).importCommand(file, options))

  program
    .command('model')
    .description('what a model folder holds, its prompts, and how its thoughts are told from its answers')
    .argument('<folder>', 'folder of the model or of an adapter, or harbor for the built-in model')
    .addOption(jsonOption())
    .action(async (folder, options) => setStatus(await (await import('./model.ts')).modelCommand(folder, options)))

  program
    .command('verify')
    .description('compare a checkpoint folder with its expected.json')
    .argument('<folder>', 'folder of the model')
    .addOption(executorOption().default('onnx'))
    .addOption(jsonOption())
    .action(async (folder, options) => setStatus(await (await import('./machine.ts')).verifyCommand(folder, options)))

  program
    .command('doctor')
    .description('what this machine offers: Node, onnxruntime and its devices, TensorFlow.js, memory, disk')
    .addOption(storeOption())
    .option('--families', 'also which operators of each model family a device leaves to the processor (takes a minute or more)')
    .addOption(jsonOption())
    .action(async (options) => setStatus(await (await import('./machine.ts')).doctorCommand(options)))

  // Errors are thrown rather than ended with here, so that there is one way out.
  for (const command of [program, ...program.commands.flatMap((one) => [one, ...one.commands])]) command.exitOverride()
  return program
}

// A reader that has seen enough (head) closes the pipe.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
let status = 0
try {
  await createProgram((value) => (status = value)).parseAsync()
} catch (error) {
  status = exitStatusOf(error)
  if (error instanceof ReflectoryError) process.stderr.write(`error: ${error.message}\n`)
  else if (!(error instanceof CommanderError))
    process.stderr.write(`defect: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
}
process.exitCode = status
