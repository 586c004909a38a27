package io.github.headlock.background;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * What a background migration may hold for. All but the last one end by themselves after
 * a while.
 */
enum HoldKind {

	/** Another session has locked the table, or waits for that. */
	TABLE_LOCK,

	/** A standby is behind. */
	REPLICATION_LAG,

	/** Too much WAL is written. */
	WAL_RATE,

	/** The application asks for it. */
	APPLICATION;

	/** {@code null} for what only another release knows. */
	static @Nullable HoldKind of(@Nullable String text) {
		return Arrays.stream(values()).filter((kind) -> kind.toString().equals(text)).findFirst().orElse(null);
	}

	static List<HoldKind> of(List<String> texts) {
		return texts.stream().map(HoldKind::of).filter(Objects::nonNull).toList();
	}

	/** Whether it lasts as long as it is asked for. */
	boolean isUnbounded() {
		return this == APPLICATION;
	}

	@Override
	public String toString() {
		return name().toLowerCase(Locale.ROOT).replace('_', ' ');
	}

}
