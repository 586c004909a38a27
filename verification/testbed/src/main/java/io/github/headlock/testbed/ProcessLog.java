package io.github.headlock.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Reads the output of a process from its file, which may still be growing.
 *
 * @param file the file
 */
public record ProcessLog(Path file) {

	/**
	 * Returns all that was written until now.
	 * @return the text
	 */
	public String text() {
		try {
			// not Files.readString: the last character may be half written
			return new String(Files.readAllBytes(this.file), StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Returns the lines that were written until now.
	 * @return the lines, the last of which may be incomplete
	 */
	public List<String> lines() {
		return text().lines().toList();
	}

	/**
	 * Returns whether this was written.
	 * @param words part of the text
	 * @return whether the text contains it
	 */
	public boolean contains(String words) {
		return text().contains(words);
	}

	/**
	 * Finds the first match within a line.
	 * @param pattern what is looked for
	 * @return the match, empty if no line has one
	 */
	public Optional<MatchResult> find(Pattern pattern) {
		return lines().stream().flatMap((line) -> pattern.matcher(line).results()).findFirst();
	}

	@Override
	public String toString() {
		return this.file.toString();
	}

}
