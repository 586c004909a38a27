package io.github.headlock.campaign;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A folder with files of a release.
 */
final class MigrationFolder {

	private final Path path;

	/** Makes it, if it is not there. */
	MigrationFolder(Path path) {
		this.path = path;
		try {
			Files.createDirectories(path);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** Writes a file. */
	void file(String name, String content) {
		try {
			Files.writeString(this.path.resolve(name), content);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** What Flyway calls it. */
	String location() {
		return "filesystem:" + this.path;
	}

}
