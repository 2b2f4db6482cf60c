/** Makes a layer of runc and the libraries it needs. */
export interface RuncOptions {}
