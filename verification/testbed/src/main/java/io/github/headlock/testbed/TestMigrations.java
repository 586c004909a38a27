package io.github.headlock.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A folder with migrations that a test writes and changes.
 */
public final class TestMigrations {

	private final Path folder;

	/**
	 * Takes a folder.
	 * @param folder the folder, which exists
	 */
	public TestMigrations(Path folder) {
		this.folder = folder;
	}

	/**
	 * Returns Flyway's name for the folder.
	 * @return the location
	 */
	public String location() {
		return "filesystem:" + this.folder;
	}

	/**
	 * Writes a file, in the place of the one that was there.
	 * @param name its name
	 * @param content its content
	 */
	public void file(String name, String content) {
		try {
			Files.writeString(this.folder.resolve(name), content);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Deletes a file.
	 * @param name its name
	 */
	public void delete(String name) {
		try {
			Files.delete(this.folder.resolve(name));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Renames a file.
	 * @param name its name
	 * @param newName the new one
	 */
	public void rename(String name, String newName) {
		try {
			Files.move(this.folder.resolve(name), this.folder.resolve(newName));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
