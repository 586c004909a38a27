package io.github.headlock.campaign.replica;

import java.nio.file.Files;
import java.nio.file.Path;

import io.github.headlock.BackgroundThrottle;
import org.jspecify.annotations.Nullable;

/**
 * Lets background migrations hold while there is a file, in all processes, or fails if
 * the file says so.
 */
public final class FileThrottle implements BackgroundThrottle {

	/** What the file says to let it fail. */
	public static final String FAIL = "fail";

	/** Why it holds. */
	public static final String REASON = "the campaign has a reason";

	private final Path file;

	FileThrottle(Path file) {
		this.file = file;
	}

	@Override
	public @Nullable String reasonToHold(String migration) throws Exception {
		if (!Files.exists(this.file)) {
			return null;
		}
		if (Files.readString(this.file).equals(FAIL)) {
			throw new IllegalStateException("The campaign lets it fail");
		}
		return REASON;
	}

}
