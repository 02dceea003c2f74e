import type { DocumentNode } from 'graphql';

/** What Apollo Server wants of a store of documents. */
export interface DocumentStore {
  get(key: string): Promise<DocumentNode | undefined>;
  set(key: string, document: DocumentNode): Promise<void>;
  delete(key: string): Promise<boolean>;
}

/**
 * Keeps the documents used last, parsed and valid. A document takes 50 bytes for each character of its text, 240 where all names
 * are one letter, and the text itself with its comments. Apollo's own store goes by the length of the document as JSON: it holds
 * 3.5 times what it is told to, and comments without end.
 */
export function createDocumentStore({
  documentsMax,
  charactersMax,
  charactersOfOneMax,
}: {
  readonly documentsMax: number;
  readonly charactersMax: number;
  readonly charactersOfOneMax: number;
}): DocumentStore {
  /** The one used last at the end. */
  const documents = new Map<string, DocumentNode>();
  let characters = 0;
  const forget = (key: string): boolean => {
    const document = documents.get(key);
    if (document === undefined) return false;
    characters -= lengthOf(document);
    return documents.delete(key);
  };
  return {
    async get(key) {
      const document = documents.get(key);
      if (document === undefined) return undefined;
      documents.delete(key);
      documents.set(key, document);
      return document;
    },
    async set(key, document) {
      forget(key);
      if (lengthOf(document) > charactersOfOneMax) return;
      documents.set(key, document);
      characters += lengthOf(document);
      for (const oldest of documents.keys()) {
        if (documents.size <= documentsMax && characters <= charactersMax) break;
        forget(oldest);
      }
    },
    delete: async (key) => forget(key),
  };
}

/** Of a document without its text: as long as none that is kept may be. */
const lengthOf = ({ loc }: DocumentNode): number => loc?.source.body.length ?? Number.POSITIVE_INFINITY;
