/** The engine process: what a parent may ask of it. */
import { serveParent } from './channel.ts'
import { examine } from './doctor.ts'
import { runStudy } from './study/runStudy.ts'
import { verifyFolder } from './verify/verifyFolder.ts'

serveParent(async (request, { signal, emit }) => {
  switch (request.type) {
    case 'runStudy': {
      const { study, workFolder, resume } = request
      return { type: 'runStudy', result: await runStudy(study, { workFolder, resume, signal, emit }) }
    }
    case 'verify':
      return { type: 'verify', quantities: await verifyFolder(request.folder, { device: 'cpu', threads: 0 }) }
    case 'doctor':
      return { type: 'doctor', report: await examine(request.device) }
  }
})
