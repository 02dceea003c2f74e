/** Keeps the time of the first archiving. */
export const archiving = (workspaceId: string, id: string, archived: boolean) => ({
  where: { id, workspaceId, archivedAt: archived ? null : { not: null } },
  data: { archivedAt: archived ? new Date() : null },
});
