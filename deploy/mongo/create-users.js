// Runs once, when the database folder is new: one user for each service, for its own database only.
for (const [name, password] of Object.entries(process.env)) {
  const service = /^MONGODB_PASSWORD_([A-Z_]+)$/.exec(name)?.[1]?.toLowerCase().replaceAll("_", "-");
  if (service === undefined) continue;
  const database = `keynode_${service.replaceAll("-", "_")}`;
  db.getSiblingDB(database).createUser({
    user: service,
    pwd: password,
    roles: [{ role: "readWrite", db: database }],
  });
}
