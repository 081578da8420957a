import {fieldOf, textAt} from '../json-object.js'
import type {Answer} from './panel.js'

const readAtMost = 20_000

function onOneLine(text: string): string {
  return text
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}

function titleOf(text: string): string {
  return onOneLine(/<title[^>]*>([^<]*)/i.exec(text.slice(0, readAtMost))?.[1] ?? '')
}

/** The first words of a page, its title in front, for a message: tags and line breaks are of no use there. */
export function firstWords(text: string): string {
  const page = text.slice(0, readAtMost).replace(/<(script|style|title)[^>]*>[\s\S]*?<\/\1>/gi, ' ')
  return shortened(onOneLine(`${titleOf(text)} ${page}`), 60)
}

/** A text of a panel as a message may hold it: some say megabytes. */
export function shortened(text: string, length = 300): string {
  return text.length > length ? `${text.slice(0, length).replace(/[\ud800-\udbff]$/, '')}…` : text
}

/** What an answer says in parentheses, in JSON or on a page; nothing where it says nothing. */
export function inBrackets({status, json, text}: Pick<Answer, 'status' | 'json' | 'text'>): string {
  const error = fieldOf(json, 'error')
  const inJson = [
    ...['message', 'msg', 'error', 'detail', 'title'].map(name => textAt(json, name)),
    textAt(error, 'message'),
  ]
  const message = inJson.find(words => words !== '') || titleOf(text) || firstWords(text)
  // Some say their status again.
  return message === '' || message === String(status) ? '' : ` (${shortened(message)})`
}
