"""The pages of no desk: home, help, leaflets, figures, who looked."""
