import { type FileHandle, open } from 'node:fs/promises';

/** Sectors of the directory that are looked at, of 4 entries each or more. */
const maxDirectorySectors = 512;
const entryBytes = 128;
const headerBytes = 512;
/** Sectors of the allocation table that the header names by itself. */
const sectorsInHeader = 109;
/** Numbers from here on are no sectors. */
const firstSpecialSector = 0xfffffffa;

/**
 * What the directory of a compound file (OLE, the old formats of Office) names: its storages and streams.
 *
 * @returns an empty list where the directory cannot be read: the file is cut off or damaged.
 */
export async function readCompoundNames(path: string): Promise<string[]> {
  const file = await open(path, 'r');
  try {
    return await readDirectory(file);
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  } finally {
    await file.close();
  }
}

async function readDirectory(file: FileHandle): Promise<string[]> {
  const header = await read(file, 0, headerBytes);
  const shift = header.readUInt16LE(30);
  if (shift !== 9 && shift !== 12) throw new RangeError('No sector size');
  const sectorBytes = 1 << shift;
  const readSector = (sector: number) => read(file, (sector + 1) * sectorBytes, sectorBytes);
  const names: string[] = [];
  let sector = header.readUInt32LE(48);
  for (let count = 0; sector < firstSpecialSector && count < maxDirectorySectors; count++) {
    names.push(...namesOf(await readSector(sector)));
    sector = await nextSector(sector, sectorBytes, header, readSector);
  }
  return names;
}

/** Where a chain of sectors goes on. Beyond what the header's table covers (7 MB and more) it is taken to end. */
async function nextSector(
  sector: number,
  sectorBytes: number,
  header: Buffer,
  readSector: (sector: number) => Promise<Buffer>,
): Promise<number> {
  const numbers = sectorBytes / 4;
  const place = Math.floor(sector / numbers);
  if (place >= sectorsInHeader) return firstSpecialSector;
  const table = header.readUInt32LE(76 + 4 * place);
  if (table >= firstSpecialSector) return firstSpecialSector;
  return (await readSector(table)).readUInt32LE((sector % numbers) * 4);
}

function namesOf(sector: Buffer): string[] {
  const names: string[] = [];
  for (let at = 0; at + entryBytes <= sector.length; at += entryBytes) {
    // With the NUL at the end.
    const bytes = sector.readUInt16LE(at + 64);
    const isUsed = sector[at + 66] !== 0;
    if (isUsed && bytes >= 2 && bytes <= 64) names.push(sector.toString('utf16le', at, at + bytes - 2));
  }
  return names;
}

/** @throws RangeError where the file ends before. */
async function read(file: FileHandle, position: number, bytes: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, position);
  if (bytesRead < bytes) throw new RangeError('The file ends before');
  return buffer;
}
