package io.github.headlock.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Copies the data directory of a running server with PostgreSQL's low-level backup
 * functions, because the embedded binaries have no {@code pg_basebackup}.
 *
 * @see <a href=
 * "https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP">Low
 * level base backup</a>
 */
final class BaseBackup {

	/** Directories whose content belongs to the running server alone. */
	private static final Set<String> EMPTY = Set.of("pg_wal", "pg_replslot", "pg_dynshmem", "pg_notify", "pg_serial",
			"pg_snapshots", "pg_stat_tmp", "pg_subtrans");

	private BaseBackup() {
	}

	/** Copies the data of the server that a superuser is connected to. */
	static Path of(Connection superuser) throws SQLException, IOException {
		Path copy = Files.createTempDirectory("standby",
				PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
		boolean renamed = superuser.getMetaData().getDatabaseMajorVersion() >= 15;
		try (Statement statement = superuser.createStatement()) {
			Path source = Path.of(value(statement, "SHOW data_directory"));
			statement.execute(
					renamed ? "SELECT pg_backup_start('copy', true)" : "SELECT pg_start_backup('copy', true, false)");
			copy(source, copy);
			String label = value(statement, renamed ? "SELECT labelfile FROM pg_backup_stop(false)"
					: "SELECT labelfile FROM pg_stop_backup(false, false)");
			Files.writeString(copy.resolve("backup_label"), label);
		}
		return copy;
	}

	private static String value(Statement statement, String sql) throws SQLException {
		try (ResultSet row = statement.executeQuery(sql)) {
			row.next();
			return row.getString(1);
		}
	}

	private static void copy(Path source, Path target) throws IOException {
		Files.createDirectories(target);
		try (Stream<Path> children = Files.list(source)) {
			for (Path child : (Iterable<Path>) children::iterator) {
				Path name = child.getFileName();
				if (Files.isDirectory(child)) {
					if (EMPTY.contains(name.toString())) {
						createEmpty(target.resolve(name));
					}
					else {
						copy(child, target.resolve(name));
					}
				}
				else if (!name.toString().startsWith("postmaster.")) {
					copyFile(child, target.resolve(name));
				}
			}
		}
	}

	private static void createEmpty(Path directory) throws IOException {
		Files.createDirectories(directory);
		if (directory.endsWith("pg_wal")) {
			Files.createDirectories(directory.resolve("archive_status"));
		}
	}

	/** What is dropped meanwhile is dropped again by the recovery. */
	private static void copyFile(Path source, Path target) throws IOException {
		try {
			Files.copy(source, target);
		}
		catch (NoSuchFileException ex) {
			if (Files.exists(source)) {
				throw ex;
			}
		}
	}

	/** Deletes a copy. */
	static void delete(Path directory) {
		try (Stream<Path> files = Files.walk(directory)) {
			List<Path> deepestFirst = files.sorted((left, right) -> right.compareTo(left)).toList();
			for (Path file : deepestFirst) {
				Files.deleteIfExists(file);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(String.format(Locale.ROOT, "%s cannot be deleted", directory), ex);
		}
	}

}
