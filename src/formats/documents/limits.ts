/** Octets of one document as it is attached, its transfer encoding undone; larger ones are not read. */
export const maxDocumentBytes = 32 * 1024 * 1024
/** Documents of one letter, and what their octets may come to */
export const maxDocuments = 20
export const maxLetterDocumentBytes = 64 * 1024 * 1024
/** Pages of a PDF: a book */
export const maxPages = 500
/** UTF-16 units kept of the documents of one letter */
export const maxDocumentUnits = 1024 * 1024
/** Octets that the parts of an office document may unfold to: XML folds well, and what is larger has been made for it. */
export const maxUnfoldedDocumentBytes = 32 * 1024 * 1024
