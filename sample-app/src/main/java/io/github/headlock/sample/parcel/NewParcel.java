package io.github.headlock.sample.parcel;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;

import org.jspecify.annotations.Nullable;

/**
 * A parcel to be announced, as a client sends it and before it is validated.
 *
 * @param recipient name of the recipient
 * @param weightGrams weight
 * @param origin code of the depot that will accept it
 */
record NewParcel(@NotBlank @Size(max = 200) @Nullable String recipient,
		@NotNull @Min(1) @Max(31_500) @Nullable Integer weightGrams, @NotNull @Pattern(regexp = "[A-Z]{3}[0-9]{2}",
				message = "must be the code of a depot, such as BRE01") @Nullable String origin) {
}
