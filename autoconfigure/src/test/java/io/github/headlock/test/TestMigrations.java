package io.github.headlock.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A folder with migrations that a test writes and changes.
 */
public final class TestMigrations {

	private final Path folder;

	public TestMigrations(Path folder) {
		this.folder = folder;
	}

	/** Flyway's name for the folder. */
	public String location() {
		return "filesystem:" + this.folder;
	}

	public void file(String name, String content) {
		try {
			Files.writeString(this.folder.resolve(name), content);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	public void delete(String name) {
		try {
			Files.delete(this.folder.resolve(name));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	public void rename(String name, String newName) {
		try {
			Files.move(this.folder.resolve(name), this.folder.resolve(newName));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
