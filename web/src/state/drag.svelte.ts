/** A picture of this page that is being dragged. */
export const drag = $state({ inner: false });

export const pictureType = 'application/x-akin-picture';
/** The place of a term in the query, beside its picture's name where it has one. */
export const termType = 'application/x-akin-term';
