package io.github.headlock.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Writes the migrations of a release: as many as asked for, each creates a small table.
 */
final class Migrations {

	/** Version of a slow one. */
	static final String SLOW = "100000";

	private Migrations() {
	}

	/** Into a folder, which may be within an archive. */
	static void write(Path folder, int number) throws IOException {
		Files.createDirectories(folder);
		for (int i = 1; i <= number; i++) {
			Files.writeString(folder.resolve(String.format(Locale.ROOT, "V%1$d__create_item_%1$d.sql", i)),
					String.format(Locale.ROOT, """
							CREATE TABLE item_%d (
								id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
								name text NOT NULL
							);
							""", i));
		}
	}

	/** One that comes after all others and takes so many seconds. */
	static void writeSlow(Path folder, int seconds) throws IOException {
		Files.writeString(folder.resolve("V" + SLOW + "__slow.sql"), "SELECT pg_sleep(" + seconds + ");\n");
	}

}
