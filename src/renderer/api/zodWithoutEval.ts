/** Imported before any schema is made: the content security policy allows no code from strings. */
import { z } from 'zod'

z.config({ jitless: true })
