/** The desktop program. */
import { app } from 'electron'

void app.whenReady()
