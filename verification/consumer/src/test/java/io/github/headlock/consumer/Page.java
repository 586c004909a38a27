package io.github.headlock.consumer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A page of the documentation, whose blocks of code are commands to run, files to write
 * and output to see.
 *
 * @param blocks all blocks, in their order
 */
record Page(List<Block> blocks) {

	/** The name of a file and a colon may stand above a block. */
	private static final Pattern BLOCK = Pattern.compile("(?:`([\\w/]+\\.\\w+)`:\n\n)?```(\\w+)\n(.*?\n)```\n",
			Pattern.DOTALL);

	static final Path PROJECT = Path.of("..", "..").toAbsolutePath().normalize();

	static Page read(String name) {
		try {
			Matcher blocks = BLOCK.matcher(Files.readString(PROJECT.resolve(name)));
			return new Page(blocks.results().map(Block::of).toList());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** The texts of all blocks in a language. */
	List<String> in(String language) {
		return this.blocks.stream().filter((block) -> block.language().equals(language)).map(Block::text).toList();
	}

	/**
	 * A block.
	 *
	 * @param file name of the file to write it to, empty if it is none
	 * @param language what stands behind the opening backticks
	 * @param text what is between the backticks
	 */
	record Block(String file, String language, String text) {

		private static Block of(MatchResult match) {
			return new Block((match.group(1) != null) ? match.group(1) : "", match.group(2), match.group(3));
		}

		boolean isFile() {
			return !this.file.isEmpty();
		}

		/** Writes the file, and the folders it is in. */
		void writeTo(Path folder) {
			try {
				Path target = folder.resolve(this.file);
				Files.createDirectories(target.getParent());
				Files.writeString(target, this.text);
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

	}

}
