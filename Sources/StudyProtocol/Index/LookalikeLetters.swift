/// Small Cyrillic and Greek letters that look like Latin letters, in small or in capital form.
///
/// A different keyboard layout produces them unnoticed: `А01` with a Cyrillic A is not `A01`.
enum LookalikeLetters {
  static let latin: [Character: Character] = [
    "а": "a", "в": "b", "с": "c", "е": "e", "н": "h", "і": "i", "ј": "j", "к": "k", "м": "m",
    "о": "o", "р": "p", "ѕ": "s", "т": "t", "у": "y", "х": "x", "α": "a", "β": "b", "ε": "e",
    "ζ": "z", "η": "h", "ι": "i", "κ": "k", "μ": "m", "ν": "n", "ο": "o", "ρ": "p", "τ": "t",
    "υ": "y", "χ": "x",
  ]
}
