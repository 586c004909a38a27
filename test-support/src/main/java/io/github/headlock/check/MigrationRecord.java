package io.github.headlock.check;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

import io.github.headlock.schema.VersionedMigration;

/**
 * Holds every versioned migration that was ever released, in a text file: a version, a
 * tabulator and a description per line.
 */
final class MigrationRecord {

	private static final List<String> HEADER = List.of("# Every versioned migration that was released, also those that",
			"# are squashed since. UpgradePathCheck reads and extends it.");

	private final Path file;

	MigrationRecord(Path file) {
		this.file = file;
	}

	boolean exists() {
		return Files.exists(this.file);
	}

	List<VersionedMigration> read() {
		try {
			List<VersionedMigration> released = Files.readAllLines(this.file)
				.stream()
				.filter((line) -> !line.isBlank() && !line.startsWith("#"))
				.map(this::parse)
				.toList();
			if (released.isEmpty()) {
				throw new AssertionError(
						String.format(Locale.ROOT, "%s is empty, as if nothing had been released", this.file));
			}
			return released;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private VersionedMigration parse(String line) {
		if (!line.matches("\\d[\\d._]*\t.*")) {
			throw new AssertionError(
					String.format(Locale.ROOT, "%s: no version, tabulator and description: %s", this.file, line));
		}
		String[] parts = line.split("\t", 2);
		return new VersionedMigration(parts[0], parts[1].strip());
	}

	/** Adds what is new, and never takes anything away. */
	void extend(List<VersionedMigration> release) {
		List<VersionedMigration> all = new ArrayList<>(exists() ? read() : List.of());
		release.stream()
			.filter((migration) -> all.stream().noneMatch((one) -> one.order().equals(migration.order())))
			.forEach(all::add);
		all.sort(Comparator.comparing(VersionedMigration::order));
		List<String> lines = new ArrayList<>(HEADER);
		all.forEach((migration) -> lines.add(migration.version() + "\t" + migration.description()));
		try {
			Files.createDirectories(this.file.toAbsolutePath().getParent());
			Files.write(this.file, lines);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	public String toString() {
		return this.file.toString();
	}

}
