import { fileTypeFromFile } from 'file-type';
import { endsAsArchive } from './archive.tail';
import { readCompoundNames } from './compound.reader';
import { type FileType, fileTypes } from './file.types';
import { isPlainText } from './text.sniffer';

/** What the detection calls what is accepted. */
const byDetectedType: Readonly<Record<string, FileType>> = {
  ...Object.fromEntries(Object.values(fileTypes).map((type) => [type.mimeType, type])),
  'image/apng': fileTypes.png,
  'application/x-rar-compressed': fileTypes.rar,
  'application/ogg': fileTypes.ogg,
  'audio/opus': fileTypes.ogg,
  'video/ogg': fileTypes.ogg,
  'video/webm': fileTypes.webm,
  'audio/x-m4a': fileTypes.m4a,
  'video/mp4': fileTypes.m4a,
};

/** Archives, and formats that are archives themselves. */
const archives: ReadonlySet<FileType> = new Set([fileTypes.zip, fileTypes.docx, fileTypes.xlsx]);

/** The old formats of Office lie in a file system of their own. */
const compoundFile = 'application/x-cfb';

/**
 * What a file is, by its bytes alone; undefined for all that is not accepted: other types, and files that are two things
 * at once. Films in containers of sound are told by who reads the sound.
 *
 * @param extension decides between the old formats of Office where the file is too damaged to tell.
 */
export async function sniffType(file: string, extension: string): Promise<FileType | undefined> {
  const detected = (await fileTypeFromFile(file))?.mime.split(';')[0];
  const type = detected === compoundFile ? await compoundType(file, extension) : byDetectedType[detected ?? ''];
  // Some signatures are two letters long, with which a text may begin as well.
  if (type === undefined) return detected !== compoundFile && (await isPlainText(file)) ? fileTypes.txt : undefined;
  return !archives.has(type) && (await endsAsArchive(file)) ? undefined : type;
}

async function compoundType(file: string, extension: string): Promise<FileType | undefined> {
  const names = await readCompoundNames(file);
  if (names.includes('WordDocument')) return fileTypes.doc;
  if (names.includes('Workbook') || names.includes('Book')) return fileTypes.xls;
  if (names.length > 0) return undefined;
  return [fileTypes.doc, fileTypes.xls].find(({ extensions }) => extensions.some((each) => each === extension));
}
