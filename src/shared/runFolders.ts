/** Where the parts of a run lie inside its work folder. The engine writes them; the host looks whether they are there. */

export function armFolder(workFolder: string, arm: string, seed: number): string {
  return `${workFolder}/${arm}-${seed}`
}

/** The trained model of an arm, in Hugging Face format; there once training is over. */
export function trainedModelIn(armFolder: string): string {
  return `${armFolder}/model`
}
